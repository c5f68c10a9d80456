// Generated from the API's description by `make clients`: do not edit.
import type { Binary } from "./binary.ts";

/** Operations whose body is bytes. */
export const OCTETS: ReadonlySet<string> = new Set([
  "PUT /sessions/{id}/files/{path}",
  "POST /sessions/{id}/archive"
]);

/** Operations that take an `Idempotency-Key`. */
export const KEYED: ReadonlySet<string> = new Set([
  "POST /sessions",
  "PATCH /sessions/{id}",
  "POST /sessions/{id}/tokens",
  "POST /sessions/{id}/restart",
  "POST /sessions/{id}/rebuild",
  "PATCH /sessions/{id}/files/{path}",
  "POST /sessions/{id}/move",
  "POST /sessions/{id}/batch",
  "POST /sessions/{id}/archive",
  "POST /sessions/{id}/git/commit",
  "POST /sessions/{id}/git/switch",
  "POST /sessions/{id}/git/push",
  "POST /sessions/{id}/git/pull",
  "POST /sessions/{id}/checkpoints",
  "POST /sessions/{id}/checkpoints/{number}/restore",
  "POST /sessions/{id}/undo",
  "POST /credentials"
]);

export interface paths {
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All known sessions
         * @description Needs the scope `service`.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Create the project from the starter site or a repository, or empty, unless it exists; start the dev server, unless it is new and empty; wait until it is ready or has failed
         * @description Needs the scope `service`. With an `Idempotency-Key` it is done once.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * One session
         * @description Needs the scope `view`.
         */
        get: operations["showSession"];
        put?: never;
        post?: never;
        /**
         * Stop the session and remove its project
         * @description Needs the scope `service`.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        /**
         * Change what is set for the session; one that runs starts again, and the answer waits until it is ready or has failed
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        patch: operations["changeSession"];
        trace?: never;
    };
    "/sessions/{id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A link that signs one browser in, once
         * @description Needs the scope `view`. With an `Idempotency-Key` it is done once.
         */
        post: operations["mintToken"];
        /**
         * Sign every viewer out: cookies and unused links of the session end at once. One that runs starts again, which ends open connections
         * @description Needs the scope `service`.
         */
        delete: operations["revokeTokens"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * The last lines of the dev server's output; with follow=1 the answer goes on
         * @description Needs the scope `read`.
         */
        get: operations["readLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start the dev server unless it runs; wait until it is ready or has failed
         * @description Needs the scope `write`.
         */
        post: operations["startSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start the dev server; a running one is replaced
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["restartSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop the dev server; returns when nothing of it is left
         * @description Needs the scope `write`.
         */
        post: operations["stopSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Production mode: build the site again if its sources changed; what is served goes on meanwhile
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["rebuildSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/builds": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * Production mode: the builds that are kept, the newest first
         * @description Needs the scope `read`.
         */
        get: operations["listBuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/builds/{number}/serve": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Production mode: serve a build that is kept, from the next start on where the session does not run. An earlier build than the newest stays until another is asked for; a start does not replace it
         * @description Needs the scope `write`.
         */
        post: operations["serveBuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        /**
         * A file of the project, or a part of it
         * @description Needs the scope `read`.
         */
        get: operations["readFile"];
        /**
         * Write a file in one step; the dev server is told at once
         * @description Needs the scope `write`.
         */
        put: operations["writeFile"];
        post?: never;
        /**
         * Remove a file, or a folder with all that is in it
         * @description Needs the scope `write`.
         */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        /**
         * Replace exact texts in a file, each of which has to occur as often as expected; all edits are made, or none
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        patch: operations["editFile"];
        trace?: never;
    };
    "/sessions/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rename a file or folder in one step
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["moveFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/batch": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make several changes, all or none. Each is tried on what the ones before it leave; open pages are updated once for all
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["changeFiles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * A folder of the project as an archive, without node_modules and .git
         * @description Needs the scope `read`.
         */
        get: operations["downloadArchive"];
        put?: never;
        /**
         * Unpack a tar, tar.gz or zip file into a folder of the project, all of it or nothing. Files of the same name are replaced; others stay
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["uploadArchive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/problems": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * What is wrong with the site now: files that were changed and pages that are open are compiled and rendered for it
         * @description Needs the scope `read`.
         */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * Files and folders with sizes, times and hashes, in the order of their paths; node_modules and .git are left out
         * @description Needs the scope `read`.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/search": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * Lines that match, as ripgrep finds them: what .gitignore names, hidden and binary files are left out
         * @description Needs the scope `read`.
         */
        get: operations["searchFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * What happens to the session, as server-sent events: changes of its state, edits that reach the open pages, problems that appear and are over, viewers, installed packages, checkpoints. The stream goes on until the client ends it, or ends with an `end` event; connect again then. A comment comes every 5 s when nothing happens. It does not keep the session running
         * @description Needs the scope `read`.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/viewers": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * The open pages of the session: whose they are, whether the browser shows them. Development mode only
         * @description Needs the scope `read`.
         */
        get: operations["listViewers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * Branch, last commit, and the files that differ from it
         * @description Needs the scope `read`.
         */
        get: operations["gitStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/diff": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * How files differ from the last commit, new ones included
         * @description Needs the scope `read`.
         */
        get: operations["gitDiff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/log": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * The commits that lead to one, the newest first, as far as they were fetched
         * @description Needs the scope `read`.
         */
        get: operations["gitLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/branches": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * The branches that the session's repository has
         * @description Needs the scope `read`.
         */
        get: operations["gitBranches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/commit": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Commit what differs, or some of it, on the branch that is checked out
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["gitCommit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/switch": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check out another branch, in one wave of updates in the open pages, or make one
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["gitSwitch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/push": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Push the branch that is checked out; never by force
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["gitPush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/git/pull": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take in what the remote has on the branch, the session's own commits on top of it; all of it or, with the files that conflict listed, nothing
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["gitPull"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /**
         * States of the project that can be restored
         * @description Needs the scope `read`.
         */
        get: operations["listCheckpoints"];
        put?: never;
        /**
         * Keep the project as it is, without generated folders. One is made before each batch, archive, restore, pull and switch of branches, too
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["makeCheckpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/checkpoints/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Forget a checkpoint
         * @description Needs the scope `write`.
         */
        delete: operations["removeCheckpoint"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/checkpoints/{number}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        /**
         * What has changed since the checkpoint
         * @description Needs the scope `read`.
         */
        get: operations["diffCheckpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/checkpoints/{number}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have all files, or some, as they were, in one wave of updates in the open pages. What is there now is kept as a checkpoint first
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["restoreCheckpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore the state before the last batch, archive, restore, pull or switch of branches; again for the one before
         * @description Needs the scope `write`. With an `Idempotency-Key` it is done once.
         */
        post: operations["undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The credentials that were made through the API, by id, without their secrets
         * @description Needs the scope `service`.
         */
        get: operations["listCredentials"];
        put?: never;
        /**
         * A credential with a scope; its secret is in this answer only
         * @description Needs the scope `service`. With an `Idempotency-Key` it is done once.
         */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/credentials/{credential}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                credential: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a credential, on every task within a second
         * @description Needs the scope `service`.
         */
        delete: operations["revokeCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * SessionView
         * @description A session as it is now.
         */
        Session: {
            /** Id */
            id: string;
            state: components["schemas"]["State"];
            /**
             * Url
             * Format: uri
             */
            url: string;
            /** Stage */
            stage: components["schemas"]["Stage"] | string;
            /** Idle Seconds */
            idle_seconds: number;
            /** Sockets */
            sockets: number;
            /** Memory Mib */
            memory_mib: number;
            /** Started At */
            started_at: number | null;
            /** Restarts */
            restarts: number;
            /** Pid */
            pid: number | null;
            /**
             * Root
             * @description The site's folder in the repository; empty for its own
             */
            root: string;
            /** Packages */
            packages: components["schemas"]["PackagesView"] | components["schemas"]["Nothing"];
            /** Watch */
            watch: components["schemas"]["WatchReport"] | components["schemas"]["Nothing"];
            /** Versions */
            versions: components["schemas"]["VersionsView"] | components["schemas"]["Nothing"];
            /** Report */
            report: components["schemas"]["SiteReport"] | components["schemas"]["Nothing"];
            /** Build */
            build: components["schemas"]["BuildView"] | components["schemas"]["Nothing"];
            error: components["schemas"]["ErrorView"] | null;
        };
        /**
         * Acceleration
         * @description A change to Astro's modules that makes a session faster or tidier, and whether this release
         *     has a place for it.
         */
        Acceleration: {
            /** Name */
            name: string;
            /** Active */
            active: boolean;
            /** Without */
            without: string;
        };
        /**
         * BuildView
         * @description Production mode: what is served and whether a build is under way.
         */
        BuildView: {
            /** Serving */
            serving: number | null;
            /** Pinned */
            pinned: boolean;
            /** Building */
            building: boolean;
            /**
             * Waiting
             * @description For another session's build
             */
            waiting: boolean;
        };
        /**
         * ErrorCode
         * @description What went wrong with a session's dev server.
         * @enum {string}
         */
        ErrorCode: "config" | "install" | "unsupported-astro" | "build" | "build-memory" | "build-timeout" | "internal" | "crashed" | "timeout" | "storage" | "limit" | "endless";
        /**
         * ErrorView
         * @description Why the session does not run, or what is wrong although it does.
         */
        ErrorView: {
            code: components["schemas"]["ErrorCode"];
            /** Message */
            message: string;
            /** Fix */
            fix: string;
        };
        /**
         * Nothing
         * @description Not known yet, or not in this mode: an empty object.
         */
        Nothing: Record<string, never>;
        /**
         * Overridden
         * @description A setting of the site that does not hold in a session.
         */
        Overridden: {
            /** Name */
            name: string;
            /** Value */
            value: string;
        };
        /**
         * PackagesView
         * @description How the packages were installed.
         */
        PackagesView: {
            /**
             * Manager
             * @enum {string}
             */
            manager: "none" | "npm" | "pnpm" | "yarn" | "bun";
            /** Version */
            version: string;
            /** Lock */
            lock: string;
            /** Seconds */
            seconds: number;
            /** Refused Scripts */
            refused_scripts: string[];
            /** Failed Scripts */
            failed_scripts: string[];
        };
        /**
         * SiteReport
         * @description How a site runs in its session: whether open pages follow edits, and what differs from bare
         *     `astro dev`.
         */
        SiteReport: {
            /** Live */
            live: boolean;
            /** Reason */
            reason: string;
            /** Warnings */
            warnings: string[];
            /** Accelerations */
            accelerations: components["schemas"]["Acceleration"][];
            /** Overridden */
            overridden: components["schemas"]["Overridden"][];
        };
        /**
         * Stage
         * @description Where a start is, for the waiting page.
         * @enum {string}
         */
        Stage: "start" | "install" | "config" | "build" | "serve";
        /**
         * State
         * @enum {string}
         */
        State: "stopped" | "starting" | "ready" | "backing-off" | "failed" | "stopping";
        /** VersionsView */
        VersionsView: {
            /** Astro */
            astro: string;
            /** Vite */
            vite: string;
        };
        /**
         * WatchReport
         * @description How file changes are noticed, and why so.
         */
        WatchReport: {
            /**
             * Mode
             * @enum {string}
             */
            mode: "native" | "hybrid" | "polling" | "off";
            /** Reason */
            reason: string;
        };
        /**
         * BatchRequest
         * @description Changes that are all made, in their order, or none of them.
         */
        BatchRequest: {
            /** Operations */
            operations: (components["schemas"]["WriteModel"] | components["schemas"]["EditOperation"] | components["schemas"]["DeleteModel"] | components["schemas"]["MoveModel"])[];
        };
        /**
         * ChangedView
         * @description What became of one path.
         */
        ChangedView: {
            /**
             * Event
             * @enum {string}
             */
            event: "add" | "change" | "unlink";
            /** Path */
            path: string;
            /** @default null */
            file?: components["schemas"]["VersionView"] | null;
        };
        /** ChangesView */
        ChangesView: {
            /** Changes */
            changes: components["schemas"]["ChangedView"][];
            /**
             * @description With `wait`
             * @default null
             */
            verdict?: components["schemas"]["VerdictView"] | null;
        };
        /**
         * DeleteModel
         * @description Remove a file.
         */
        DeleteModel: {
            /**
             * Path
             * @description Of a file in the project, such as src/pages/index.astro
             */
            path: string;
            /**
             * If Sha256
             * @default null
             */
            if_sha256?: string | null;
            /**
             * If Absent
             * @default false
             */
            if_absent?: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "delete";
        };
        /**
         * EditModel
         * @description Replace a text that occurs as often as expected.
         */
        EditModel: {
            /** Old */
            old: string;
            /** New */
            new: string;
            /**
             * Count
             * @description How often `old` has to occur; all are replaced
             * @default 1
             */
            count?: number;
        };
        /**
         * EditOperation
         * @description Exact-text edits of a file.
         */
        EditOperation: {
            /**
             * Path
             * @description Of a file in the project, such as src/pages/index.astro
             */
            path: string;
            /**
             * If Sha256
             * @default null
             */
            if_sha256?: string | null;
            /**
             * If Absent
             * @default false
             */
            if_absent?: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "edit";
            /** Edits */
            edits: components["schemas"]["EditModel"][];
        };
        /** EditRequest */
        EditRequest: {
            /** Edits */
            edits: components["schemas"]["EditModel"][];
        };
        /**
         * EntryView
         * @description Of a project's tree.
         */
        EntryView: {
            /** Path */
            path: string;
            /**
             * Type
             * @enum {string}
             */
            type: "file" | "folder" | "link" | "other";
            /** Bytes */
            bytes: number;
            /** Modified At */
            modified_at: number;
            /**
             * Sha256
             * @description Of a file, when hashes are asked for and it is not larger than maxFileMib
             */
            sha256: string | null;
        };
        /** FoundView */
        FoundView: {
            /** Matches */
            matches: components["schemas"]["MatchView"][];
            /**
             * Complete
             * @description Whether these are all; else the limit or the time was up
             */
            complete: boolean;
        };
        /** LineView */
        LineView: {
            /** Line */
            line: number;
            /** Text */
            text: string;
        };
        /**
         * MatchView
         * @description A line that matches.
         */
        MatchView: {
            /** Path */
            path: string;
            /** Line */
            line: number;
            /**
             * Column
             * @description Of the first match in the line, in characters from 1
             */
            column: number;
            /**
             * Text
             * @description The line, cut after 400 characters
             */
            text: string;
            /** Before */
            before: components["schemas"]["LineView"][];
            /** After */
            after: components["schemas"]["LineView"][];
        };
        /**
         * MoveModel
         * @description Rename a file.
         */
        MoveModel: {
            /**
             * Path
             * @description Of a file in the project, such as src/pages/index.astro
             */
            path: string;
            /**
             * If Sha256
             * @default null
             */
            if_sha256?: string | null;
            /**
             * If Absent
             * @default false
             */
            if_absent?: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "move";
            /**
             * To
             * @description Of a file in the project, such as src/pages/index.astro
             */
            to: string;
            /**
             * Overwrite
             * @default false
             */
            overwrite?: boolean;
        };
        /** MoveRequest */
        MoveRequest: {
            /**
             * Path
             * @description Of a file in the project, such as src/pages/index.astro
             */
            path: string;
            /**
             * To
             * @description Of a file in the project, such as src/pages/index.astro
             */
            to: string;
            /**
             * Overwrite
             * @description Whether a file at `to` is replaced; a folder never is
             * @default false
             */
            overwrite?: boolean;
        };
        /**
         * ProblemSource
         * @description Where a problem was seen.
         * @enum {string}
         */
        ProblemSource: "module" | "page" | "site" | "browser";
        /**
         * ProblemView
         * @description Something that is wrong with the site.
         */
        ProblemView: {
            /** @description A module that cannot be compiled, a page that cannot be rendered, the site's configuration, or an open page */
            source: components["schemas"]["ProblemSource"];
            /** Message */
            message: string;
            /**
             * File
             * @description In the project; empty when it is not known
             */
            file: string;
            /**
             * Line
             * @description From 1; 0 when it is not known
             */
            line: number;
            /** Column */
            column: number;
            /**
             * Frame
             * @description The lines around the place
             */
            frame: string;
            /**
             * Plugin
             * @description That reported it; of an open page: uncaught, rejection, hydration or console
             */
            plugin: string;
            /** Fix */
            fix: string;
            /**
             * Page
             * @description Below the session's address
             */
            page: string;
        };
        /** ProblemsView */
        ProblemsView: {
            /**
             * Checked
             * @description Whether the site was asked: it runs, and has answered in time
             */
            checked: boolean;
            /** Problems */
            problems: components["schemas"]["ProblemView"][];
        };
        /** TreeView */
        TreeView: {
            /** Entries */
            entries: components["schemas"]["EntryView"][];
            /**
             * Next
             * @description Value of `after` for the rest; null when this is all
             */
            next: string | null;
        };
        /** UnpackedView */
        UnpackedView: {
            /**
             * Files
             * @description Files that were written
             */
            files: number;
            /** Bytes */
            bytes: number;
            /**
             * Skipped
             * @description Entries that were left out: .git and node_modules, with what is in them
             */
            skipped: number;
        };
        /**
         * VerdictView
         * @description What became of the edit.
         */
        VerdictView: {
            /**
             * Outcome
             * @description Shown by all open pages; rendered by the server, as none is open; with problems; not known in time
             * @enum {string}
             */
            outcome: "shown" | "rendered" | "error" | "pending" | "not-running";
            /**
             * Pages
             * @description Open pages that show it
             */
            pages: number;
            /** Ms */
            ms: number;
            /** Problems */
            problems: components["schemas"]["ProblemView"][];
        };
        /**
         * VersionView
         * @description A file as it is now.
         */
        VersionView: {
            /** Path */
            path: string;
            /** Bytes */
            bytes: number;
            /**
             * Modified At
             * @description Unix time
             */
            modified_at: number;
            /**
             * Sha256
             * @description SHA-256 of the file's content, in hexadecimal
             */
            sha256: string;
        };
        /**
         * WriteModel
         * @description Create or replace a file.
         */
        WriteModel: {
            /**
             * Path
             * @description Of a file in the project, such as src/pages/index.astro
             */
            path: string;
            /**
             * If Sha256
             * @default null
             */
            if_sha256?: string | null;
            /**
             * If Absent
             * @default false
             */
            if_absent?: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "write";
            /** Content */
            content: string;
            /**
             * Encoding
             * @default utf-8
             * @enum {string}
             */
            encoding?: "utf-8" | "base64";
        };
        /**
         * WrittenView
         * @description A file that was written.
         */
        WrittenView: {
            /** Path */
            path: string;
            /** Bytes */
            bytes: number;
            /**
             * Modified At
             * @description Unix time
             */
            modified_at: number;
            /**
             * Sha256
             * @description SHA-256 of the file's content, in hexadecimal
             */
            sha256: string;
            /**
             * @description With `wait`
             * @default null
             */
            verdict?: components["schemas"]["VerdictView"] | null;
        };
        /**
         * CheckpointEvent
         * @description A checkpoint of the project was made, restored or removed.
         */
        CheckpointEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "checkpoint";
            /**
             * Action
             * @enum {string}
             */
            action: "made" | "restored" | "removed";
            /** Id */
            id: string;
            /**
             * Name
             * @default
             */
            name: string;
        };
        /**
         * EditEvent
         * @description An edit was sent to the open pages.
         */
        EditEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "edit";
            update: components["schemas"]["UpdateKind"];
            /**
             * Path
             * @description Of the file, in the project
             */
            path: string;
            /**
             * Ms
             * @description From the file's change to the message to the pages
             */
            ms: number;
        };
        /**
         * EndEvent
         * @description The last event of the stream.
         */
        EndEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "end";
            /**
             * Reason
             * @description Another task has the session: connect again; the session was deleted; the task ends: connect again
             * @enum {string}
             */
            reason: "moved" | "deleted" | "draining";
        };
        /**
         * HealedEvent
         * @description A problem is over.
         */
        HealedEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "healed";
            /** Id */
            id: string;
            source: components["schemas"]["ProblemSource"];
            /** File */
            file: string;
            /** Page */
            page: string;
        };
        /**
         * InstallEvent
         * @description Packages of the site are being installed, or are.
         */
        InstallEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "install";
            /** Detail */
            detail: string;
            /** @description How they were installed; null until they are */
            packages: components["schemas"]["PackagesView"] | null;
        };
        /**
         * LostEvent
         * @description Events were lost for this reader: list problems and viewers again.
         */
        LostEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "lost";
            /**
             * Reason
             * @description The reader is slower than the events come, or names an event that is not kept any more, or is another task's
             * @enum {string}
             */
            reason: "slow" | "unknown";
            /**
             * Missed
             * @description How many; null when it is not known
             */
            missed: number | null;
        };
        /**
         * ProblemEvent
         * @description Something is wrong with the site that was not before, or (first of all) still is.
         */
        ProblemEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "problem";
            /**
             * Id
             * @description The `healed` event names it
             */
            id: string;
            problem: components["schemas"]["ProblemView"];
        };
        /**
         * StateEvent
         * @description The session's state, the stage of its start or its error has changed. A reader that does not
         *     go on after an event that it names gets one first, as things are.
         */
        StateEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "state";
            state: components["schemas"]["State"];
            /** Stage */
            stage: components["schemas"]["Stage"] | string;
            error: components["schemas"]["ErrorView"] | null;
        };
        /**
         * UpdateKind
         * @description Kind of an edited file, for metrics. A closed list: each value is a label for as long as the
         *     task lives.
         * @enum {string}
         */
        UpdateKind: "config" | "css" | "astro" | "content" | "component" | "script" | "other";
        /**
         * ViewerEvent
         * @description Somebody has come, left, hidden or shown a page, or gone to another one in place.
         */
        ViewerEvent: {
            /**
             * At
             * @description Seconds since the epoch
             */
            at: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "viewer";
            /**
             * Change
             * @enum {string}
             */
            change: "came" | "left" | "changed";
            viewer: components["schemas"]["ViewerView"];
            /**
             * Viewers
             * @description Pages that are open now
             */
            viewers: number;
            /**
             * Visible
             * @description Those of them that a browser shows
             */
            visible: number;
        };
        /**
         * ViewerList
         * @description Who looks at a session now.
         */
        ViewerList: {
            /** Viewers */
            viewers: components["schemas"]["ViewerView"][];
            /**
             * More
             * @description Open pages that are not listed
             */
            more: number;
        };
        /**
         * ViewerView
         * @description An open page of the session.
         */
        ViewerView: {
            /**
             * Id
             * @description Of the page; a reload is another one
             */
            id: string;
            /**
             * Visitor
             * @description The same for all pages of one sign-in
             */
            visitor: string;
            /**
             * Name
             * @description Given with the sign-in link; empty without one
             */
            name: string;
            /**
             * Visible
             * @description Whether the browser shows the page
             */
            visible: boolean;
            /**
             * Page
             * @description Below the session's address
             */
            page: string;
            /**
             * Since
             * @description When it connected, in seconds since the epoch
             */
            since: number;
        };
        Event: components["schemas"]["StateEvent"] | components["schemas"]["EditEvent"] | components["schemas"]["ProblemEvent"] | components["schemas"]["HealedEvent"] | components["schemas"]["ViewerEvent"] | components["schemas"]["InstallEvent"] | components["schemas"]["CheckpointEvent"] | components["schemas"]["LostEvent"] | components["schemas"]["EndEvent"];
        /** AuthorModel */
        AuthorModel: {
            /** Name */
            name: string;
            /** Email */
            email: string;
        };
        /** CheckpointRequest */
        CheckpointRequest: {
            /**
             * Name
             * @default
             */
            name?: string;
        };
        /**
         * CheckpointView
         * @description A state of the project that can be restored.
         */
        CheckpointView: {
            /** Number */
            number: number;
            /** Name */
            name: string;
            /**
             * Kind
             * @description What it was made for; `batch`: before a batch or an archive
             * @enum {string}
             */
            kind: "named" | "batch" | "before-restore" | "before-pull";
            /**
             * Parent
             * @description The checkpoint that the project came from
             */
            parent: number | null;
            /**
             * Created At
             * @description Unix time
             */
            created_at: number;
        };
        /** CheckpointsView */
        CheckpointsView: {
            /**
             * Checkpoints
             * @description The newest first
             */
            checkpoints: components["schemas"]["CheckpointView"][];
            /**
             * Position
             * @description The one that the project was at last
             */
            position: number | null;
        };
        /** CommitRequest */
        CommitRequest: {
            /** Message */
            message: string;
            author: components["schemas"]["AuthorModel"];
            /**
             * Paths
             * @description Files and folders to commit; none: all
             */
            paths?: string[];
        };
        /** CommittedView */
        CommittedView: {
            /** Commit */
            commit: string;
            /** Branch */
            branch: string;
        };
        /**
         * CreateRequest
         * @description A session, new or as it is: from the starter site, empty, or from a repository. One that
         *     exists and came from somewhere else is answered 409 `session-exists`.
         */
        CreateRequest: {
            /** Id */
            id: string;
            /**
             * Template
             * @description Of a project that is new; not used with `repository`. One that is `empty` is not started: put files or an archive into it first. `starter` counts as left out where the session exists
             * @default starter
             * @enum {string}
             */
            template?: "starter" | "empty";
            /**
             * Root
             * @description The site's folder in the repository, such as docs; empty has it found. A session that exists is started again with it
             * @default null
             */
            root?: string | null;
            /**
             * @description Clone this instead of a template. Where the session exists, `url`, `ref` and `depth` have to be those that it was made with; `credential` and `secret` are for the clone only, and not used
             * @default null
             */
            repository?: components["schemas"]["RepositoryModel"] | null;
        };
        /**
         * CredentialModel
         * @description A name and a password or token for the remote. Used for this call, and kept nowhere.
         */
        CredentialModel: {
            /**
             * Host
             * @description The only host that it is sent to, such as github.com
             */
            host: string;
            /**
             * Username
             * @default x-access-token
             */
            username?: string;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /** GitBranchView */
        GitBranchView: {
            /**
             * Name
             * @description origin/… for one of the remote
             */
            name: string;
            /** Commit */
            commit: string;
            /** Current */
            current: boolean;
        };
        /** GitBranchesView */
        GitBranchesView: {
            /** Branches */
            branches: components["schemas"]["GitBranchView"][];
        };
        /** GitCommitView */
        GitCommitView: {
            /** Id */
            id: string;
            /** Parents */
            parents: string[];
            /** Author */
            author: string;
            /** Email */
            email: string;
            /**
             * At
             * @description Unix time
             */
            at: number;
            /** Message */
            message: string;
        };
        /** GitDiffView */
        GitDiffView: {
            /** Files */
            files: components["schemas"]["GitFileView"][];
            /**
             * Patch
             * @description As `git diff` has it, 1 MiB at most
             */
            patch: string;
            /**
             * Complete
             * @description Whether the patch is whole
             */
            complete: boolean;
        };
        /**
         * GitFileView
         * @description A file that is not as in the last commit.
         */
        GitFileView: {
            /** Path */
            path: string;
            /**
             * State
             * @enum {string}
             */
            state: "added" | "modified" | "deleted" | "untracked" | "conflicted";
        };
        /** GitLogView */
        GitLogView: {
            /** Commits */
            commits: components["schemas"]["GitCommitView"][];
        };
        /** GitStatusView */
        GitStatusView: {
            /**
             * Branch
             * @description null: a commit is checked out, no branch
             */
            branch: string | null;
            /**
             * Commit
             * @description null: there is none yet
             */
            commit: string | null;
            /**
             * Ahead
             * @description Commits that the remote has not, as last seen
             */
            ahead: number | null;
            /** Behind */
            behind: number | null;
            /** Files */
            files: components["schemas"]["GitFileView"][];
        };
        /** MadeCheckpointView */
        MadeCheckpointView: {
            /** Number */
            number: number;
            /** Name */
            name: string;
            /**
             * Kind
             * @description What it was made for; `batch`: before a batch or an archive
             * @enum {string}
             */
            kind: "named" | "batch" | "before-restore" | "before-pull";
            /**
             * Parent
             * @description The checkpoint that the project came from
             */
            parent: number | null;
            /**
             * Created At
             * @description Unix time
             */
            created_at: number;
            /**
             * Created
             * @description false: the checkpoint before has the same files already
             */
            created: boolean;
        };
        /** PulledView */
        PulledView: {
            /** Commit */
            commit: string;
            /** Branch */
            branch: string;
            /**
             * Replayed
             * @description The session's own commits, now on top
             */
            replayed: number;
            /** Changes */
            changes: components["schemas"]["ChangedView"][];
            /**
             * @description With `wait`
             * @default null
             */
            verdict?: components["schemas"]["VerdictView"] | null;
        };
        /** PushedView */
        PushedView: {
            /** Commit */
            commit: string;
            /** Branch */
            branch: string;
            /**
             * Changed
             * @description Whether the remote did not have it already
             */
            changed: boolean;
        };
        /**
         * RemoteRequest
         * @description For a push or a pull of the branch that is checked out.
         */
        RemoteRequest: {
            /**
             * Url
             * @description Instead of the remote `origin`'s
             * @default null
             */
            url?: string | null;
            /** @default null */
            credential?: components["schemas"]["CredentialModel"] | null;
            /**
             * Secret
             * @description Name of a secret of the stack's `gitSecretNames` to send instead of a `credential`; with `url`, which has to be below one of its addresses
             * @default null
             */
            secret?: string | null;
        };
        /**
         * RepositoryModel
         * @description A repository that a new session is made from.
         */
        RepositoryModel: {
            /**
             * Url
             * @description https, without a user name: https://github.com/owner/name.git
             */
            url: string;
            /**
             * Ref
             * @description A branch or tag; empty for the remote's own branch
             * @default
             */
            ref?: string;
            /**
             * Depth
             * @description Commits that are fetched
             * @default 1
             */
            depth?: number;
            /** @default null */
            credential?: components["schemas"]["CredentialModel"] | null;
            /**
             * Secret
             * @description Name of a secret of the stack's `gitSecretNames` to send instead of a `credential`; with `url`, which has to be below one of its addresses
             * @default null
             */
            secret?: string | null;
        };
        /** RestoreRequest */
        RestoreRequest: {
            /**
             * Paths
             * @description Files and folders to restore; none: all
             */
            paths?: string[];
        };
        /** RestoredView */
        RestoredView: {
            /**
             * Restored
             * @description Number of the checkpoint
             */
            restored: number;
            /**
             * Saved
             * @description Number of a new one of what was there before, if needed
             */
            saved: number | null;
            /** Changes */
            changes: components["schemas"]["ChangedView"][];
            /**
             * @description With `wait`
             * @default null
             */
            verdict?: components["schemas"]["VerdictView"] | null;
        };
        /** SwitchRequest */
        SwitchRequest: {
            /** Branch */
            branch: string;
            /**
             * Create
             * @description Make the branch, at the commit that is checked out
             * @default false
             */
            create?: boolean;
        };
        /** SwitchedView */
        SwitchedView: {
            /** Branch */
            branch: string;
            /** Commit */
            commit: string;
            /** Changes */
            changes: components["schemas"]["ChangedView"][];
            /**
             * @description With `wait`
             * @default null
             */
            verdict?: components["schemas"]["VerdictView"] | null;
        };
        /**
         * CredentialRequest
         * @description What a new credential is for.
         */
        CredentialRequest: {
            /**
             * Name
             * @description Who or what uses it; in the audit log and the list
             */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /**
             * Sessions
             * @description Where the scopes hold; none for `service`, at least one otherwise
             * @default []
             */
            sessions?: string[];
            /**
             * Git Secrets
             * @description Secrets of the stack's `gitSecretNames` that its calls about Git may name; with the scope `write`. A credential with `service` may name all
             * @default []
             */
            git_secrets?: string[];
            /**
             * Viewers May Post
             * @description false: visitors whom its sign-in links let in can only read, whatever the stack and the link allow; true: it sets no limit
             * @default true
             */
            viewers_may_post?: boolean;
            /**
             * Expires In Seconds
             * @description null: until it is revoked
             * @default null
             */
            expires_in_seconds?: number | null;
        };
        /**
         * Scope
         * @description What a credential is good for.
         * @enum {string}
         */
        Scope: "service" | "read" | "write" | "view";
        /**
         * CreatedCredentialView
         * @description A new credential, with its secret.
         */
        CreatedCredentialView: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /** Sessions */
            sessions: string[];
            /**
             * Created At
             * @description Unix time
             */
            created_at: number;
            /**
             * Expires At
             * @description Unix time; null: until it is revoked
             */
            expires_at: number | null;
            /**
             * Git Secrets
             * @description Secrets that its calls about Git may name
             * @default []
             */
            git_secrets?: string[];
            /**
             * Viewers May Post
             * @description false: visitors whom its sign-in links let in can only read
             * @default true
             */
            viewers_may_post?: boolean;
            /**
             * Secret
             * @description For `Authorization: Bearer`. It is shown this once, and kept nowhere
             */
            secret: string;
        };
        /**
         * CredentialView
         * @description A credential, without its secret.
         */
        CredentialView: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /** Sessions */
            sessions: string[];
            /**
             * Created At
             * @description Unix time
             */
            created_at: number;
            /**
             * Expires At
             * @description Unix time; null: until it is revoked
             */
            expires_at: number | null;
            /**
             * Git Secrets
             * @description Secrets that its calls about Git may name
             * @default []
             */
            git_secrets?: string[];
            /**
             * Viewers May Post
             * @description false: visitors whom its sign-in links let in can only read
             * @default true
             */
            viewers_may_post?: boolean;
        };
        /**
         * CredentialsView
         * @description A page of the list.
         */
        CredentialsView: {
            /** Credentials */
            credentials: components["schemas"]["CredentialView"][];
            /**
             * Next
             * @description `after` of the next call; null when there is no more
             */
            next: string | null;
        };
        Problem: {
            /**
             * Format: uri-reference
             * @description The paragraph about the code, relative to the API's address
             */
            type: string;
            /** @description What the code means, in a few words */
            title: string;
            status: number;
            /** @description What was wrong this time, what is allowed, and the fix */
            detail: string;
            /**
             * Format: uri-reference
             * @description The path of the request
             */
            instance?: string;
            /** @description Stable, for programs; others may come. Known are bad-request, unauthorised, forbidden, not-found, unknown-session, unknown-file, unknown-build, unknown-credential, method-not-allowed, too-slow, conflict, session-exists, changed, too-many-credentials, precondition-failed, too-large, range-not-satisfiable, expectation-failed, owned-elsewhere, config, install, unsupported-astro, build, build-memory, build-timeout, crashed, timeout, limit, endless, too-many-sessions, internal, storage, crowded, busy, draining, ownership-unavailable, quota, storage-full, unknown-checkpoint, nothing-to-undo, unknown-revision, git-missing, git-not-a-repository, git-address, git-credential, git-secret-not-allowed, git-secret, git-remote, git-unsupported, git-failed, git-conflict, git-nothing, git-uncommitted, git-untracked, git-merge-conflict, git-rejected, key-in-progress, key-reused, too-many-keys, outcome-unknown, keys-unavailable, answer-not-kept. /api/v1/errors explains each */
            code: string;
            /**
             * Needs
             * @description The scope that the call needs
             */
            needs?: string;
            /**
             * Nearest
             * @description What was probably meant by a session, a file or a path of the API that does not exist: one that does, and that the credential may know of
             */
            nearest?: string;
            /**
             * Errors
             * @description The first members of the body that are not as described
             */
            errors?: components["schemas"]["InvalidMember"][];
            /**
             * Member
             * @description The member of the body that is in the way
             */
            member?: string;
            /** @description The file as it is now, in a batch after the changes before; null when there is none */
            current?: components["schemas"]["VersionView"] | null;
            /**
             * Path
             * @description The file that is not the one that was expected
             */
            path?: string;
            /**
             * Operation
             * @description Which change of the request, from 0
             */
            operation?: number;
            /**
             * Edit
             * @description Which edit of the file, from 0
             */
            edit?: number;
            /**
             * Found
             * @description How many times the file has the edit's text
             */
            found?: number;
            /**
             * Unsupported
             * @description What the repository has and a session cannot: `submodules`, `lfs`, `links` or `names`
             */
            unsupported?: string;
            /**
             * Conflicts
             * @description The first files that are in conflict
             */
            conflicts?: components["schemas"]["ConflictingFile"][];
            /**
             * First Status
             * @description Of the answer to the first request with this Idempotency-Key
             */
            first_status?: number;
        };
        /**
         * ConflictingFile
         * @description A file that Git cannot merge, would replace, or has not committed.
         */
        ConflictingFile: {
            /** Path */
            path: string;
            /**
             * Kind
             * @description Of a merge `both-modified`, `both-added`, `deleted-here`, `deleted-there` or, any other, `conflict`; `untracked` is in the way, `uncommitted` has changes
             */
            kind: string;
        };
        /**
         * InvalidMember
         * @description A member of a request's body that is not as described.
         */
        InvalidMember: {
            /**
             * Pointer
             * @description Its place in the body, a JSON Pointer (RFC 6901)
             */
            pointer: string;
            /**
             * Detail
             * @description What is wrong with it, and what is allowed
             */
            detail: string;
        };
    };
    responses: never;
    parameters: {
        /**
         * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
         * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
         */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions, by id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["Session"][];
                    };
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRequest"];
            };
        };
        responses: {
            /** @description It existed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Created and started */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-remote`: The remote does not answer as a Git server */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The site's folder in the repository, such as docs; empty has the only site found */
                    root: string;
                };
            };
        };
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mintToken: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description What the viewer is called (`listViewers`) */
                    name?: string;
                    /**
                     * @description false: the visitor can only read: all methods but GET and HEAD, and the site's own WebSockets, are answered 405. true: as the stack (`viewersMayPost`) and the credential allow
                     * @default true
                     */
                    may_post?: boolean;
                };
            };
        };
        responses: {
            /** @description The link */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: string;
                        /** Format: uri */
                        url: string;
                        expires_at: number;
                        /** @description Whether stack, credential and request let the visitor do more than read */
                        may_post?: boolean;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readLogs: {
        parameters: {
            query?: {
                follow?: "0" | "1";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restartSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebuildSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Whether a good build is served; false only keeps it
                     * @default true
                     */
                    publish?: boolean;
                    /**
                     * @description Build although the sources have not changed: something outside of them has
                     * @default false
                     */
                    force?: boolean;
                };
            };
        };
        responses: {
            /** @description Built */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Whether another build is served than before, or a new one is kept */
                        changed: boolean;
                        build: number;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBuilds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The builds */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        builds: {
                            number: number;
                            /** @description Unix time */
                            created_at: number;
                            /** @description What the build took */
                            seconds: number;
                            /** @description The most memory that the build was seen to use */
                            memory_mib: number;
                            bytes: number;
                            files: number;
                            /** @description Version */
                            astro: string;
                            serving: boolean;
                        }[];
                        serving: number | null;
                        /** @description Whether an earlier build was chosen, which a start does not replace */
                        pinned: boolean;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    serveBuild: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Served */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Whether another build is served than before, or a new one is kept */
                        changed: boolean;
                        build: number;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description One range of bytes */
                Range?: string;
                /** @description An entity tag */
                "If-Range"?: string;
                /** @description Entity tags */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its content */
            200: {
                headers: {
                    /** @description The SHA-256 of the content, in quotes */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Binary;
                };
            };
            /** @description The range */
            206: {
                headers: {
                    /** @description The SHA-256 of the content, in quotes */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Binary;
                };
            };
            /** @description The client has this version */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `range-not-satisfiable`: The file has no such range of bytes */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    writeFile: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /** @description Change only a version with one of these strong entity tags; `*` for any */
                "If-Match"?: string;
                /** @description `*`: create only */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": Binary;
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    /** @description The SHA-256 of the content, in quotes */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenView"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    /** @description The SHA-256 of the content, in quotes */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed`: If-Match or If-None-Match does not hold */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteFile: {
        parameters: {
            query?: {
                /** @description 1: a folder goes, too, with everything in it */
                recursive?: "0" | "1";
            };
            header?: {
                /** @description Change only a version with one of these strong entity tags; `*` for any */
                "If-Match"?: string;
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed`: If-Match or If-None-Match does not hold */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    editFile: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /** @description Change only a version with one of these strong entity tags; `*` for any */
                "If-Match"?: string;
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
                path: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditRequest"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    /** @description The SHA-256 of the content, in quotes */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed`: If-Match or If-None-Match does not hold */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveFile: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /** @description Change only a version with one of these strong entity tags; `*` for any */
                "If-Match"?: string;
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveRequest"];
            };
        };
        responses: {
            /** @description What became of each path */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangesView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed`: If-Match or If-None-Match does not hold */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeFiles: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description What became of each path */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangesView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadArchive: {
        parameters: {
            query?: {
                /** @description A folder of the project; empty for all of it */
                path?: string;
                /** @description Of the archive */
                format?: "tar" | "tar.gz" | "zip";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archive */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-tar": Binary;
                    "application/gzip": Binary;
                    "application/zip": Binary;
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadArchive: {
        parameters: {
            query?: {
                /** @description A folder of the project; empty for all of it */
                path?: string;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": Binary;
            };
        };
        responses: {
            /** @description Unpacked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnpackedView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProblems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The problems, at most ten of each place */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemsView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFiles: {
        parameters: {
            query?: {
                /** @description A folder of the project; empty for all of it */
                path?: string;
                /** @description Where an earlier listing ended */
                after?: string;
                /** @description Most entries */
                limit?: number;
                /** @description 1: the folder's own entries */
                depth?: number;
                /** @description 0: without hashes, which reads no file */
                hashes?: "0" | "1";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreeView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searchFiles: {
        parameters: {
            query: {
                /** @description The text */
                q: string;
                /** @description 1: a regular expression */
                regex?: "0" | "1";
                /** @description 1: capitals are as good as small letters */
                ignore_case?: "0" | "1";
                /** @description 1: whole words only */
                word?: "0" | "1";
                /** @description 1: ignored and hidden files, too */
                hidden?: "0" | "1";
                /** @description Files of these names only, such as *.astro; with ! all others */
                glob?: string;
                /** @description A folder or file of the project */
                path?: string;
                /** @description Lines before and after each */
                context?: number;
                /** @description Most matches */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lines */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description Go on after the event of this id. One that is not known any more is answered with a `lost` event, and the stream begins as without it */
                "Last-Event-ID"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events: `event` is the kind, `data` an Event as JSON in one line, `id` goes into Last-Event-ID */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listViewers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewerList"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitStatus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The status */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitStatusView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitDiff: {
        parameters: {
            query?: {
                /** @description A file or folder of the project; empty for all of it */
                path?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The differences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitDiffView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitLog: {
        parameters: {
            query?: {
                /** @description A branch, tag or commit */
                ref?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The commits */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitLogView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitBranches: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The branches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitBranchesView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitCommit: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommitRequest"];
            };
        };
        responses: {
            /** @description Committed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommittedView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitSwitch: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SwitchRequest"];
            };
        };
        responses: {
            /** @description Switched */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SwitchedView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitPush: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RemoteRequest"];
            };
        };
        responses: {
            /** @description Pushed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushedView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-remote`: The remote does not answer as a Git server */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gitPull: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RemoteRequest"];
            };
        };
        responses: {
            /** @description Pulled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PulledView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-remote`: The remote does not answer as a Git server */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCheckpoints: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The checkpoints */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckpointsView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeCheckpoint: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CheckpointRequest"];
            };
        };
        responses: {
            /** @description Kept already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeCheckpointView"];
                };
            };
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeCheckpointView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeCheckpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diffCheckpoint: {
        parameters: {
            query?: {
                /** @description A file or folder of the project; empty for all of it */
                path?: string;
            };
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The differences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GitDiffView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreCheckpoint: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            /** @description Restored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undo: {
        parameters: {
            query?: {
                /** @description Answer when the open pages show the change, or the server renders it when none is open, or with what is wrong; after so many seconds in any case */
                wait?: number;
            };
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Restored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `git-missing`: The gateway has no git program */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCredentials: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialsView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Names this request, so that it can be sent again: it is carried out once, and the same request with the same key within 24 hours gets the answer of the first. A new UUID for each request, with or without quotes
                 * @example 8e03978e-40d5-43e8-bc93-6894a57f9324
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedCredentialView"];
                };
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-slow`: The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `conflict`: The request conflicts with the current state; `session-exists`: The session exists, and came from somewhere else; `changed`: The file is not the one that the change expects; `too-many-credentials`: The service has as many credentials as it may have; `nothing-to-undo`: There is no earlier state to go back to; `git-not-a-repository`: The project is not a Git repository; `git-conflict`: The repository's state conflicts with the request; `git-nothing`: There is nothing to commit; `git-uncommitted`: Files differ from the last commit; `git-untracked`: Files that are not committed are in the way; `git-merge-conflict`: The session's commits conflict with those of the remote; `git-rejected`: The remote does not take the branch; `key-in-progress`: The first request with this Idempotency-Key has not ended; `outcome-unknown`: Whether the first request with this key was carried out is not known; `answer-not-kept`: The first request with this key was carried out, and its answer is not kept */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-large`: The body or the file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `config`: The site's configuration keeps it from running; `install`: The packages cannot be installed; `unsupported-astro`: The site's release of Astro is not supported; `build`: The build failed; `build-memory`: The build needed too much memory; `build-timeout`: The build took too long; `crashed`: The site's process ended; `timeout`: The site's process did not answer in time; `limit`: The site is above a limit of one session; `endless`: Code of the site does not come to an end; `git-credential`: The remote requires another credential; `git-unsupported`: The repository has something that sessions do not support; `git-failed`: Git refuses what is in the repository; `key-reused`: The Idempotency-Key belongs to another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-sessions`: The limit of running sessions is reached; `too-many-keys`: The credential has sent too many keys */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid; `git-address`: The gateway does not talk to this remote */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorised`: The credential is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The credential does not have the scope that the call needs; `git-secret-not-allowed`: The call names a secret that it may not use */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found`: The API has no such path; `unknown-session`: The session does not exist; `unknown-file`: The project has no such file or folder; `unknown-build`: The build is not kept; `unknown-credential`: The credential does not exist; `unknown-checkpoint`: The session has no such checkpoint; `unknown-revision`: The repository has no such branch, tag or commit */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage`: The disk of the projects does not answer; `crowded`: Too many requests wait for the session; `busy`: The request cannot be taken now; `draining`: The task is about to stop; `ownership-unavailable`: The session's owner cannot be reached; `git-secret`: The secret for the remote cannot be used; `keys-unavailable`: The Idempotency-Key cannot be kept */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `quota`: The session's space is used up; `storage-full`: The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

// What a page loads only where it is shown in a frame of another site (page-plugin.mjs).

export { embed } from "./embed.js";
export { framedEdits } from "./framed-edits.js";

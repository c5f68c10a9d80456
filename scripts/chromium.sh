#!/bin/sh
# Browser tests need Chromium. As root on Debian or Ubuntu, install the distribution's package; otherwise say what is missing
# (the browser tests then skip and give this reason).
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "astro-live: installing Chromium for the browser tests"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 && exit 0
fi
echo "astro-live: no 'chromium' on PATH and it could not be installed: the browser tests will be skipped" >&2
exit 1

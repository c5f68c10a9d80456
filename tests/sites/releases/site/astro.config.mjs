import preact from "@astrojs/preact";

export default {
  devToolbar: { enabled: false },
  integrations: [preact()],
  vite: { define: { __SITE_EDITION__: JSON.stringify("first edition") } },
};

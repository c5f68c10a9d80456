import preact from "@astrojs/preact";

export default {
  output: "hybrid",
  devToolbar: { enabled: false },
  integrations: [preact()],
  vite: { define: { __SITE_EDITION__: JSON.stringify("first edition") } },
};

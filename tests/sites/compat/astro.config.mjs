import mdx from "@astrojs/mdx";
import node from "@astrojs/node";
import react from "@astrojs/react";
import svelte from "@astrojs/svelte";
import vue from "@astrojs/vue";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "astro/config";

export default defineConfig({
  adapter: node({ mode: "standalone" }),
  integrations: [mdx(), react(), svelte(), vue()],
  prefetch: true,
  redirects: { "/old-post": "/posts/first" },
  vite: {
    define: { __SITE_EDITION__: JSON.stringify("first edition") },
    plugins: [tailwindcss()],
  },
});

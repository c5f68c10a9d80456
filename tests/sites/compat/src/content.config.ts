import { defineCollection, reference } from "astro:content";
import { file, glob } from "astro/loaders";
import { z } from "astro/zod";

const posts = defineCollection({
  loader: glob({ base: "./src/content/posts", pattern: "**/*.{md,mdx}" }),
  schema: ({ image }) => z.object({ title: z.string(), author: reference("people"), cover: image().optional() }),
});

const people = defineCollection({
  loader: glob({ base: "./src/content/people", pattern: "*.json" }),
  schema: z.object({ name: z.string() }),
});

const facts = defineCollection({
  loader: file("src/content/facts.json"),
  schema: z.object({ id: z.string(), text: z.string() }),
});

export const collections = { facts, people, posts };

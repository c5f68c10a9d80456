import { defineAction } from "astro:actions";
import { z } from "astro/zod";

export const server = {
  shout: defineAction({
    accept: "form",
    input: z.object({ word: z.string() }),
    handler: ({ word }) => ({ loud: word.toUpperCase() }),
  }),
  add: defineAction({
    input: z.object({ a: z.number(), b: z.number() }),
    handler: ({ a, b }) => a + b,
  }),
};

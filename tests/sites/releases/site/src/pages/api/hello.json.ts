import type { APIRoute } from "astro";

export const prerender = false;

export const GET: APIRoute = async ({ url }) => Response.json({ href: url.href });

import type { APIRoute } from "astro";

export const prerender = false;

export const GET: APIRoute = ({ url }) => Response.json({ asked: url.searchParams.get("word"), href: url.href });

export const POST: APIRoute = async ({ request }) => Response.json({ got: await request.json() });

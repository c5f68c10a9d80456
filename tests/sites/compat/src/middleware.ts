import { defineMiddleware } from "astro:middleware";

export const onRequest = defineMiddleware(async (context, next) => {
  context.locals.greeting = "hello from the middleware";
  const response = await next();
  response.headers.set("x-compat", "yes");
  return response;
});

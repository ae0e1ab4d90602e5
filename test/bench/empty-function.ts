import { http } from "@google-cloud/functions-framework";

/** What the cold start of our functions is compared with: a function that does nothing. */
http("empty", (_request, response) => {
  response.send("done");
});

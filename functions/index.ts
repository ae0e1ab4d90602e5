import { useCompileCache } from "./compile-cache.ts";
import { standAtTheDoor } from "./door.ts";

const cacheRefusal = useCompileCache();
standAtTheDoor();
// Not imported above: the cache serves only what is loaded after it was opened.
const { startFunctions } = await import("./start.ts");
startFunctions(cacheRefusal);

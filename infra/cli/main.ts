#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { COMPILED } from "./compiled.ts";

// Not imported above: only what is loaded after the cache was opened is served from it.
enableCompileCache(COMPILED);
await import("./run.ts");

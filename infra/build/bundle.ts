import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { rolldown } from "rolldown";
import type { Plugin, PreRenderedChunk } from "rolldown";
import { minifySync } from "rolldown/utils";
import { CALLED_SERVICES } from "./called-services.ts";
import { isUnused, MAYBE_UNUSED } from "./empty-modules.ts";
import { FRAMEWORK } from "./manifest.ts";
import { pruneProtos } from "../../emulators/kit/prune-protos.ts";
import { REPOSITORY } from "./sources.ts";

/** One file of the bundle. */
export type BundledFile = { readonly name: string; readonly text: string };

/** The programs of the bundle, by name: what the framework loads, and the last step of the build in the cloud. */
const PROGRAMS = {
  index: "functions/index.ts",
  "fill-compile-cache": "infra/build/fill-compile-cache.ts",
};

const PACKAGE = /node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;

/**
 * Bundles the functions with all packages but the framework. What a function loads only when it needs it
 * stays a file of its own. The same sources give the same bytes.
 * @throws Error when something cannot be resolved, or is asked for and not there.
 */
export async function bundleFunctions(): Promise<readonly BundledFile[]> {
  const bundle = await rolldown({
    cwd: REPOSITORY,
    input: PROGRAMS,
    platform: "node",
    external: [FRAMEWORK, `${FRAMEWORK}/testing`],
    transform: {
      // Packages of the old kind ask for their own folder. What they look for there is not used.
      define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" },
    },
    onLog: (level, { message }) => {
      if (level === "warn") {
        throw new Error(`the bundler warns: ${message}`);
      }
    },
    plugins: [lazyHttp(), prunePackages(), emptyPackages(), minifyPackages()],
  });
  try {
    const { output } = await bundle.generate({
      format: "esm",
      chunkFileNames: nameOf,
      minify: false,
    });
    return output.map((file) => {
      if (file.type !== "chunk") {
        throw new Error(`the bundler made ${file.fileName}, which nothing loads`);
      }
      return { name: file.fileName, text: file.code };
    });
  } finally {
    await bundle.close();
  }
}

const LAZY_HTTP = "lazy:node:http";

/**
 * Takes Node's module for HTTP as one of the old kind. An import of it reads everything that it exports, and with that
 * Node loads its client of the web's kind, a twelfth of a start, which most functions never use.
 * Source: https://github.com/nodejs/node/blob/v24.x/lib/http.js, the getter of WebSocket.
 */
function lazyHttp(): Plugin {
  return {
    name: "lazy-http",
    resolveId: {
      filter: { id: /^(?:node:)?http$/ },
      handler: () => LAZY_HTTP,
    },
    load: {
      filter: { id: new RegExp(`^${LAZY_HTTP}$`) },
      handler: () => 'module.exports = process.getBuiltinModule("node:http");',
    },
  };
}

const PROTOS = /node_modules\/.*\/protos\/[^/]+\.json$/;

/** Leaves out of the descriptions of Google's services what no function can call. */
function prunePackages(): Plugin {
  return {
    name: "prune-packages",
    load: {
      filter: { id: PROTOS },
      handler: async (id) => {
        const code = pruneProtos(await readFile(id, "utf8"), CALLED_SERVICES);
        return { code, moduleType: "json" };
      },
    },
  };
}

/** Leaves out of Google's packages the files that nothing uses. */
function emptyPackages(): Plugin {
  return {
    name: "empty-packages",
    load: {
      filter: { id: MAYBE_UNUSED },
      handler: async (id) => {
        const code = await readFile(id, "utf8");
        return isUnused(id, code, CALLED_SERVICES) ? "module.exports = {};" : code;
      },
    },
  };
}

/**
 * Makes files of packages small. Those with code of ours stay as they were written: a stack trace in the
 * log then names functions and lines that a person can find, without source maps in the deployable.
 */
function minifyPackages(): Plugin {
  return {
    name: "minify-packages",
    renderChunk: (code, chunk) => {
      if (chunk.moduleIds.some(isOurs)) {
        return null;
      }
      const { code: small, errors } = minifySync(chunk.fileName, code, {
        module: true,
        codegen: { removeWhitespace: true },
        // Google's clients know a Long by the name of its class.
        mangle: { keepNames: true },
        compress: { keepNames: { function: true, class: true } },
      });
      const [error] = errors;
      if (error !== undefined) {
        throw new Error(`${chunk.fileName}: ${error.message}`);
      }
      return small;
    },
  };
}

/** A file's name: that of the module or package that it is about. */
function nameOf(chunk: PreRenderedChunk): string {
  const about = chunk.facadeModuleId ?? chunk.moduleIds.at(-1) ?? chunk.name;
  const inPackage = PACKAGE.exec(about)?.groups?.["name"];
  const name = inPackage?.replace(/^@/, "").replace("/", "-") ?? basename(about, ".ts");
  return `${name.replaceAll(/[^a-z0-9-]/gi, "-")}-[hash].js`;
}

function isOurs(module: string): boolean {
  return module.startsWith(REPOSITORY) && !PACKAGE.test(module);
}

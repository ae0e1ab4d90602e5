import { defineConfig } from "vitest/config";

const folders = ["unit", "property", "contract", "fault", "emulators", "e2e"];

export default defineConfig({
  test: {
    projects: [
      ...folders.map((folder) => ({
        test: {
          name: folder,
          include: [`test/${folder}/**/*.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      })),
      { test: { name: "tidy", include: ["test/tidy.test.ts"] } },
    ],
  },
});

import { defineConfig } from "vite";

// One module without dependencies. Applications bundle it themselves.
export default defineConfig({
	build: {
		target: "es2022",
		lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" },
	},
});

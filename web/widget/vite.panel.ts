import { defineConfig } from "vite";

// Loaded by the loader on demand: the gateway serves dist/panel.js at /widget/panel.js.
export default defineConfig({
	build: {
		target: "es2022",
		cssTarget: "chrome123",
		outDir: "dist",
		emptyOutDir: false,
		lib: { entry: "src/panel/main.ts", formats: ["es"], fileName: () => "panel.js" },
	},
});

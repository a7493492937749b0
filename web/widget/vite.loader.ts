import { defineConfig } from "vite";

// The loader is one classic script without a name of its own: the gateway serves dist/widget.js at /widget.js.
export default defineConfig({
	build: {
		target: "es2020",
		outDir: "dist",
		emptyOutDir: false,
		lib: { entry: "src/loader/main.ts", formats: ["iife"], name: "palique", fileName: () => "widget.js" },
	},
});

import { defineConfig } from "vite";

// The loader is one classic script without a name of its own: the gateway serves dist/widget.js at /widget.js.
export default defineConfig({
	build: {
		target: "es2022",
		// Newer than what scripts need: nothing is rewritten for browsers without `dvh` and constructed sheets.
		cssTarget: "chrome123",
		// Every visited page pays for this script: terser, told not to inline, makes it 5 % smaller than the default.
		minify: "terser",
		terserOptions: {
			ecma: 2020,
			compress: {
				passes: 3,
				inline: 0,
				reduce_funcs: false,
				unsafe: true,
				unsafe_arrows: true,
				pure_getters: true,
			},
		},
		outDir: "dist",
		emptyOutDir: false,
		lib: { entry: "src/loader/main.ts", formats: ["iife"], name: "palique", fileName: () => "widget.js" },
	},
});

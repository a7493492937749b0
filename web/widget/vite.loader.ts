import { defineConfig } from "vite";

// The loader is one classic script without a global name: the gateway serves dist/widget.js at /widget.js.
export default defineConfig({
	build: {
		target: "es2022",
		// Newer than the script target: CSS is not rewritten for browsers without `dvh` and constructed sheets.
		cssTarget: "chrome123",
		// Every visited page loads this script: terser with little inlining makes it 5 % smaller than the default minifier.
		minify: "terser",
		terserOptions: {
			ecma: 2020,
			// A host page may have another encoding.
			format: { ascii_only: true },
			compress: {
				passes: 3,
				inline: 1,
				reduce_funcs: false,
				hoist_funs: true,
				unsafe: true,
				unsafe_arrows: true,
				pure_getters: true,
			},
			// Names that no other script, no frame and no browser has.
			mangle: {
				properties: { regex: /^(phase|attempt|pace|missed|renewed|wake|hello|setToken|setOpen)$/ },
			},
		},
		outDir: "dist",
		emptyOutDir: false,
		lib: { entry: "src/loader/main.ts", formats: ["iife"], name: "palique", fileName: () => "widget.js" },
	},
});

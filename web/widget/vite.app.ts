import { defineConfig } from "vite";

// The iframe's application: the gateway serves dist/app/ at /widget/app/, which a proxy may put below a path. JSX needs no plugin, tsconfig names Preact's runtime.
export default defineConfig({
	root: "src/app",
	base: "./",
	build: {
		target: "es2022",
		outDir: "../../dist/app",
		emptyOutDir: true,
		modulePreload: { polyfill: false },
	},
});

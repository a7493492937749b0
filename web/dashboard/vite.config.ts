import { defineConfig } from "vite";

// The gateway serves dist/ at /dashboard/; JSX needs no plugin, tsconfig names Preact's runtime.
export default defineConfig({
	base: "/dashboard/",
	// A module that is loaded later imports only what the page has already.
	build: { target: "es2022", outDir: "dist", emptyOutDir: true, modulePreload: false },
	server: {
		proxy: { "/api": "http://127.0.0.1:8080", "/ws": { target: "http://127.0.0.1:8080", ws: true } },
	},
});

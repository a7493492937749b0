/** The current route. It always mirrors the address bar. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { href, parse, type Route } from "./route";

declare module "../StoresContext" {
	interface Stores {
		router: Router;
	}
}

export class Router {
	readonly #route: Signal<Route>;
	readonly #window: Window;

	constructor(view: Window) {
		this.#window = view;
		this.#route = signal(this.#here());
		view.addEventListener("popstate", () => this.#follow());
	}

	get route(): ReadonlySignal<Route> {
		return this.#route;
	}

	go(route: Route): void {
		const target = href(route);
		const { pathname, search } = this.#window.location;
		if (target !== pathname + search) this.#window.history.pushState(null, "", target);
		this.#follow();
	}

	openVisitor(visitor: string): void {
		this.go({ ...this.#route.peek(), visitor });
	}

	closeVisitor(): void {
		const { visitor: _closed, ...place } = this.#route.peek();
		this.go(place);
	}

	#here(): Route {
		return parse(this.#window.location.pathname, this.#window.location.search);
	}

	#follow(): void {
		this.#route.value = this.#here();
	}
}

/** Settings of the agent's site; loaded again after every change. */
import type { ServerFrame } from "@palique/client";
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import { asProblem, type Problem } from "../api/http";
import type { Site, SiteChanges } from "../api/shapes";

declare module "../StoresContext" {
	interface Stores {
		site: SiteStore;
	}
}

export class SiteStore {
	readonly #api: Api;
	readonly #site = signal<Site | null>(null);

	constructor(api: Api) {
		this.#api = api;
	}

	/** `null` before the first answer. */
	get site(): ReadonlySignal<Site | null> {
		return this.#site;
	}

	receive(frame: ServerFrame): void {
		const written = frame.type === "site_settings" && frame.version !== this.#site.peek()?.version;
		if (frame.type === "welcome" || written) void this.#load();
	}

	clear(): void {
		this.#site.value = null;
	}

	/** On a version conflict the store has the current site, and the problem is returned. */
	async change(changes: SiteChanges): Promise<Problem | null> {
		const before = this.#site.peek();
		if (!before) return null;
		try {
			this.#site.value = await this.#api.changeSite(before.version, changes);
			return null;
		} catch (error) {
			const problem = asProblem(error);
			if (problem.code === "conflict") this.#site.value = problem.body?.current as Site;
			return problem;
		}
	}

	async #load(): Promise<void> {
		try {
			this.#site.value = await this.#api.site();
		} catch {
			// The next `welcome` loads again.
		}
	}
}

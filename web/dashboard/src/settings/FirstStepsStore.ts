/** The site's first steps, for its administrators. Without them `steps` stays `null`. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { SiteFirstSteps } from "../api/shapes";

declare module "../StoresContext" {
	interface Stores {
		firstSteps: FirstStepsStore;
	}
}

export class FirstStepsStore {
	readonly #api: Api;
	readonly #steps = signal<SiteFirstSteps | null>(null);
	/** True until all steps are done or the list is hidden. */
	readonly open = computed(() => this.#steps.value !== null && isOpen(this.#steps.value));

	constructor(api: Api) {
		this.#api = api;
	}

	get steps(): ReadonlySignal<SiteFirstSteps | null> {
		return this.#steps;
	}

	/** Keeps the last answer when none comes. */
	async load(): Promise<void> {
		try {
			this.#steps.value = await this.#api.firstSteps();
		} catch {
			// The next call may get an answer.
		}
	}

	/** Hides the list from all administrators of the site. Rejects with `Problem`. */
	async dismiss(): Promise<void> {
		await this.#api.dismissFirstSteps();
		const steps = this.#steps.peek();
		if (steps) this.#steps.value = { ...steps, dismissed: true };
	}

	clear(): void {
		this.#steps.value = null;
	}
}

export function isOpen({ dismissed, seen, tried, invited, introduced }: SiteFirstSteps): boolean {
	return !(dismissed || (seen && tried && invited && introduced));
}

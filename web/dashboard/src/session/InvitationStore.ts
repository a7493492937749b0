/**
 * Token of an invitation link. It is in the URL's fragment, which no server sees, and is removed from the address bar at once.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

const NAME = "invitation";

declare module "../StoresContext" {
	interface Stores {
		invitation: InvitationStore;
	}
}

export class InvitationStore {
	readonly #token = signal<string | null>(null);

	constructor(view: Window) {
		const { hash, pathname, search } = view.location;
		const token = new URLSearchParams(hash.slice(1)).get(NAME);
		if (!token) return;
		this.#token.value = token;
		view.history.replaceState(null, "", pathname + search);
	}

	get token(): ReadonlySignal<string | null> {
		return this.#token;
	}

	/** Forgets the token: it was used or is invalid. */
	forget(): void {
		this.#token.value = null;
	}
}

export function invitationLink(origin: string, token: string): string {
	return `${origin}/dashboard/#${new URLSearchParams({ [NAME]: token })}`;
}

/**
 * What this browser remembers: small JSON values in its storage.
 * A browser that refuses storage, or a value that another version wrote, counts as nothing kept.
 */
const PREFIX = "palique.";

declare module "./StoresContext" {
	interface Stores {
		/** Values of this browser tab; they survive a reload. */
		tab: BrowserStorage;
	}
}

export class BrowserStorage {
	readonly #storage: Storage | null;
	readonly #view: Window;

	/** `localStorage` is shared by the tabs, `sessionStorage` is this tab's alone and outlives a reload. */
	constructor(view: Window, where: "localStorage" | "sessionStorage") {
		this.#view = view;
		this.#storage = storageOf(view, where);
	}

	read<T>(name: string): T | null {
		try {
			const text = this.#storage?.getItem(PREFIX + name);
			return text ? (JSON.parse(text) as T) : null;
		} catch {
			return null;
		}
	}

	write(name: string, value: unknown): void {
		try {
			this.#storage?.setItem(PREFIX + name, JSON.stringify(value));
		} catch {
			// Full or forbidden: the value lives until the tab closes.
		}
	}

	/** Tells of values that another tab wrote; returns how to stop. */
	watch<T>(name: string, told: (value: T) => void): () => void {
		const listen = (event: StorageEvent) => {
			if (event.key !== PREFIX + name) return;
			const value = this.read<T>(name);
			if (value !== null) told(value);
		};
		this.#view.addEventListener("storage", listen);
		return () => this.#view.removeEventListener("storage", listen);
	}
}

function storageOf(view: Window, where: "localStorage" | "sessionStorage"): Storage | null {
	try {
		return view[where];
	} catch {
		return null;
	}
}

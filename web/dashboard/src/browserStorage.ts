/** Small JSON values in the browser's storage. If storage is blocked, or another version wrote the value, reads return `null`. */
const PREFIX = "palique.";

declare module "./StoresContext" {
	interface Stores {
		/** Values of all tabs. */
		storage: BrowserStorage;
		/** Values of this browser tab; they survive a reload. */
		tab: BrowserStorage;
	}
}

export class BrowserStorage {
	readonly #storage: Storage | null;
	readonly #view: Window;

	/** `localStorage` is shared by all tabs; `sessionStorage` belongs to one tab and survives a reload. */
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
			// Full or blocked: the value is lost when the tab closes.
		}
	}

	/** Removes all values of this application. */
	clear(): void {
		const storage = this.#storage;
		if (!storage) return;
		const own = Object.keys(storage).filter((key) => key.startsWith(PREFIX));
		for (const key of own) storage.removeItem(key);
	}

	/** Sends a value to the other tabs. It does not stay in the storage. */
	announce(name: string, value: unknown): void {
		this.write(name, value);
		this.#storage?.removeItem(PREFIX + name);
	}

	/** Calls back for each value that another tab announces. */
	hear<T>(name: string, onValue: (value: T) => void): void {
		this.#view.addEventListener("storage", (event: StorageEvent) => {
			if (event.key === PREFIX + name && event.newValue !== null) onValue(JSON.parse(event.newValue) as T);
		});
	}

	/** Calls back when another tab writes the value. Returns a function that stops this. */
	watch<T>(name: string, onChange: (value: T) => void): () => void {
		const listen = (event: StorageEvent) => {
			if (event.key !== PREFIX + name) return;
			const value = this.read<T>(name);
			if (value !== null) onChange(value);
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

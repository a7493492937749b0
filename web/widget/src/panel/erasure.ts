/** Erases what the loader has stored of a visitor in the host's storage: the token, unsent messages, and what this tab remembers. */
import type { LoaderStorage } from "../loader/storage";

export function eraseVisitor({ root, local }: LoaderStorage): void {
	for (const key of Object.keys(local)) if (key === root || key.startsWith(`${root}:`)) delete local[key];
	try {
		sessionStorage.removeItem(root);
	} catch {
		// Blocked: it was never stored.
	}
}

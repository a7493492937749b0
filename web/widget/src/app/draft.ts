/** Unsent text of this tab. If storage is blocked it is lost on a reload. */
const KEY = "palique:draft";

export function readDraft(): string {
	try {
		return sessionStorage.getItem(KEY) ?? "";
	} catch {
		return "";
	}
}

export function writeDraft(text: string): void {
	try {
		sessionStorage.setItem(KEY, text);
	} catch {
		// Blocked or full: the text stays on the page.
	}
}

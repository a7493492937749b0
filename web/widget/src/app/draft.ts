/** What was begun and not sent, kept for this tab. Where storage is forbidden it lives as long as the page. */
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
		// Nothing to be done, and nothing lost yet.
	}
}

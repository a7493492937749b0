/** What the visitor chose about notices, over reloads and tabs. Where the browser blocks the iframe's storage: until a reload. */

/** `dismissed` and `rung` name a message; `sound` is "on" or empty. */
type NoticeField = "dismissed" | "rung" | "sound";

export interface NoticeStorage {
	get(field: NoticeField): string;
	set(field: NoticeField, value: string): void;
}

export function makeNoticeStorage(view: Window): NoticeStorage {
	const query = new URLSearchParams(view.location.search);
	// As in outboxStorage.ts: sites and origins share this storage.
	const key = (field: NoticeField) => `palique:${query.get("site")}:${query.get("origin")}:${field}`;
	const values = new Map<NoticeField, string>();
	return {
		get(field) {
			try {
				return view.localStorage.getItem(key(field)) ?? "";
			} catch {
				return values.get(field) ?? "";
			}
		},
		set(field, value) {
			values.set(field, value);
			try {
				view.localStorage.setItem(key(field), value);
			} catch {
				// Blocked or full.
			}
		},
	};
}

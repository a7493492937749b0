/** What the page knows of the visitor: cut here, and kept until the connection takes it. */

import * as fieldLimits from "./fieldLimits.gen";

/** Longest value of a profile. The server has a stricter limit. */
const MAX_VALUE = 254;
const PROFILE_FIELDS = ["name", "email", "phone"] as const;
/** Calls within this time are one frame: a page may call at each render (ms). */
const FIELDS_INTERVAL = 1_000;

export interface VisitorDetails {
	/** Values of the page, not trusted. */
	add(values: Record<string, unknown> | null | undefined): void;
	/** Sends what was not sent yet. */
	flush(): void;
	/** Drops it, for another visitor. */
	clear(): void;
}

/** False when the connection does not take the frame. */
type Send = (frame: object) => boolean;

/** The name and the addresses in the visitor's profile. */
export function makeProfile(send: Send): VisitorDetails {
	let waiting: Record<string, string> | undefined;
	return {
		add(values) {
			for (const field of PROFILE_FIELDS) {
				const value = values?.[field];
				if (typeof value === "string") waiting = { ...waiting, [field]: cut(value, MAX_VALUE) };
			}
		},
		flush() {
			if (waiting && send({ type: "profile", ...waiting })) waiting = undefined;
		},
		clear() {
			waiting = undefined;
		},
	};
}

/** The site's own fields, such as the customer's plan. */
export function makeFields(send: Send): VisitorDetails {
	/** By key; an empty value removes a field. */
	const waiting = new Map<string, string>();
	let resting = false;

	function flush(): void {
		if (resting || !waiting.size) return;
		const fields = [...waiting].map(([key, value]) => ({ key, value }));
		if (!send({ type: "fields", fields })) return;
		waiting.clear();
		resting = true;
		setTimeout(() => {
			resting = false;
			flush();
		}, FIELDS_INTERVAL);
	}

	return {
		add(values) {
			for (const [key, value] of Object.entries(values ?? {})) {
				const fits = fieldLimits.KEY.test(key) && (waiting.size < fieldLimits.MAX_FIELDS || waiting.has(key));
				if (fits && (value === null || /^(string|number|boolean)$/.test(typeof value)))
					waiting.set(key, fieldValue(value));
			}
		},
		flush,
		clear: () => waiting.clear(),
	};
}

/** One line. A cut text ends with "…". */
function fieldValue(value: unknown): string {
	const line = `${value ?? ""}`.replace(/[\s\p{Cc}]+/gu, " ").trim();
	return line.length > fieldLimits.MAX_VALUE
		? `${cut(line, fieldLimits.MAX_VALUE - 1)}…`
		: cut(line, fieldLimits.MAX_VALUE);
}

/** Without half characters, which the server refuses with the whole frame. */
export function cut(text: string, length: number): string {
	return text.slice(0, length).replace(/\p{Cs}/gu, "");
}

/** Formats of instants. Input: RFC 3339 strings or epoch milliseconds. Output: in the reader's time zone. */
type Instant = string | number | Date;

const cache = new Map<string, Intl.DateTimeFormat>();

// Creating a DateTimeFormat is far slower than using it, and a log needs the same three.
function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${language} ${name}`;
	let made = cache.get(key);
	if (!made) {
		made = new Intl.DateTimeFormat(language, options);
		cache.set(key, made);
	}
	return made;
}

export function timeOfDay(at: Instant, language: string): string {
	return format(language, "time", { timeStyle: "short" }).format(new Date(at));
}

/** Date of a day divider: "Wednesday, 3 June 2026". */
export function fullDate(at: Instant, language: string): string {
	const options = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
	return format(language, "date", options).format(new Date(at));
}

export function dateAndTime(at: Instant, language: string): string {
	return format(language, "both", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** Key that is equal for instants on the same local day. */
export function dayKey(at: Instant): string {
	const day = new Date(at);
	return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/** A duration such as "1 min 5 s" or "2 h 3 min", the two largest units only. */
export function duration(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds));
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

import type { T } from "./LanguageStore";

const MINUTE = 60_000;

/** Time span in its largest unit. Negative spans count as now; `now` is the server's time. */
export function elapsed(t: T, since: string, now: number): string {
	const minutes = Math.floor((now - Date.parse(since)) / MINUTE);
	if (!(minutes >= 1)) return t("now");
	if (minutes < 60) return t("minutes", { n: minutes });
	const hours = Math.floor(minutes / 60);
	if (hours < 24) return t("hours", { n: hours });
	return t("days", { n: Math.floor(hours / 24) });
}

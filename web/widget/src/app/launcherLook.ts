/** Style, label and badge of the loader's button. The loader has none of this, to stay small. */
import type { Commands } from "../bridge";
import type { T } from "./language";
import css from "./panel.css?inline";

/** Larger numbers do not fit. */
const MAX_BADGE = 99;

export function launcherLook(open: boolean, unread: number, t: T): Commands["look"] {
	if (open) return { css, label: t("button_close"), badge: "" };
	if (!unread) return { css, label: t("button_open"), badge: "" };
	return {
		css,
		label: t.count("button_open_unread", unread),
		badge: unread > MAX_BADGE ? `${MAX_BADGE}+` : `${unread}`,
	};
}

/** Style, label and badge of the loader's button. The loader has none of this, to stay small. */
import type { Commands } from "../bridge";
import type { Say } from "./language";
import css from "./panel.css?inline";

/** Larger numbers do not fit. */
const MOST = 99;

export function launcherLook(open: boolean, unread: number, say: Say): Commands["look"] {
	if (open) return { css, label: say("button_close"), badge: "" };
	if (!unread) return { css, label: say("button_open"), badge: "" };
	return {
		css,
		label: say.count("button_open_unread", unread),
		badge: unread > MOST ? `${MOST}+` : `${unread}`,
	};
}

/** Style, label and badge of the loader's button. The loader has none of this, to stay small. */
import type { Commands, SiteSettings } from "../bridge";
import type { T } from "./language";
import css from "./panel.css?inline";

/** Larger numbers do not fit. */
const MAX_BADGE = 99;

export function launcherLook(open: boolean, unread: number, t: T): Commands["look"] {
	if (open) return { css, unread, label: t("button_close"), badge: "" };
	if (!unread) return { css, unread, label: t("button_open"), badge: "" };
	return {
		css,
		unread,
		label: t.count("button_open_unread", unread),
		badge: unread > MAX_BADGE ? `${MAX_BADGE}+` : `${unread}`,
	};
}

/** Style that shows the iframe at the size of the preview, above the button, on phones too. */
export function previewStyle(height: number, position: SiteSettings["position"]): string {
	return `iframe{visibility:visible;opacity:1;transform:none;inset:auto;bottom:calc(var(--palique-y,20px) + 68px);${position}:var(--palique-x,20px);width:min(20em,100vw - 40px);height:${height}px;border-radius:16px}`;
}

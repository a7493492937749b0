/**
 * A notice before the title of the host's page. An invisible mark ends it, so that the page's own title can be read again: here to
 * restore it, and in the loader, which reports it. A page that sets a title removes the notice.
 */
import { TITLE_MARK } from "../loader/pageWatcher";

/** Without a notice, restores the page's own title. */
export function showTitleNotice(notice: string): void {
	const own = document.title.split(TITLE_MARK).at(-1) ?? "";
	const title = notice ? `${notice} · ${TITLE_MARK}${own}` : own;
	if (document.title !== title) document.title = title;
}

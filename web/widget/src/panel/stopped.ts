/** What happens when the connection has stopped: a refused widget leaves the page, for good or until chat is on again (S-03). */
import type { ErrorCode } from "@palique/client";
import type { OpenSession } from "../loader/session";
import type { Widget } from "../loader/widget";

/** Close code for a banned visitor, or chat switched off; the reason has which. */
const FORBIDDEN = 4403;
const SITE_DISABLED: ErrorCode = "site_disabled";
/** Pages that lose their chat together ask within this time whether it is on again (ms). */
const SPREAD = 4_000;

/** `reason` is that of the close. A loaded application stays: it shows the visitor what happened, and removes itself. */
export async function onStopped(widget: Widget, reason: string, openSession: OpenSession): Promise<void> {
	// Another tab forgot the visitor of a site that requires consent: the next page asks again.
	if (!widget.session.token) widget.host.remove();
	if (widget.state !== FORBIDDEN) return;
	const { host, button, frame, link } = widget;
	button.addEventListener("click", () => widget.off && !widget.shown && host.remove());
	widget.off = reason === SITE_DISABLED;
	if (!widget.off || !frame.isConnected) host.remove();
	widget.tell(false);
	if (!widget.off) return;
	await new Promise((done) => setTimeout(done, Math.random() * SPREAD));
	const session = await openSession(!!widget.store.token());
	if (!session?.token) return;
	widget.session = session;
	widget.off = false;
	widget.state = "down";
	if (!host.isConnected) document.documentElement.append(host);
	widget.tell(false);
	link.start();
}

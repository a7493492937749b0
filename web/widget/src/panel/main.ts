/** The part of the widget in the host's page that is loaded on demand: consent, bridge to the application, calls of the page, addresses. */
import type { PanelModule } from "../loader/widget";
import { stripPage } from "./addresses";
import { connectApp } from "./appBridge";
import { agreeFirst } from "./consent";
import { showConsentDialog } from "./consentDialog";
import { pageCallsOf } from "./pageCalls";
import { onStopped } from "./stopped";

/** For loaders of earlier versions. */
export const ask = (...[language, site, agreed]: Parameters<PanelModule["ask"]>) =>
	void showConsentDialog(language, site, {}, agreed);
export const agree: PanelModule["agree"] = agreeFirst;
export const attend: PanelModule["attend"] = connectApp;
export const stopped: PanelModule["stopped"] = onStopped;
export const call: PanelModule["call"] = (widget, name, values) => pageCallsOf(widget).call(name, values);
export const strip: PanelModule["strip"] = (page, tag) => stripPage(page, tag.query);

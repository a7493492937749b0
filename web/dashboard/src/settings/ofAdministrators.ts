/** The settings that administrators alone see, as one file that is loaded when they are first shown. */
export { AgentsSettings } from "./AgentsSettings";
export { MailCard } from "./mail/MailCard";
export { SiteSettings } from "./SiteSettings";
export { WidgetSettings } from "./WidgetSettings";

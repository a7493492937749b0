import { Icon } from "@palique/ui/Icon";
import type { Language } from "@palique/ui/vocabulary";
import type { Site } from "../api/shapes";
import { useText } from "../texts/useText";
import { isColour, textOn } from "./colours";

interface Props {
	theme: "light" | "dark";
	site: Pick<Site, "name" | "colours" | "position" | "texts">;
	language: Language;
}

/** Small preview of the widget with the form's values. */
export function WidgetPreview({ theme, site, language }: Props) {
	const t = useText();
	const chosen = site.colours[theme];
	const background = isColour(chosen) ? chosen : "#888888";
	const brand = { background, color: textOn(background) };
	const texts = site.texts[language];
	return (
		<figure
			class={`preview preview-${theme} preview-${site.position}`}
			aria-label={t(`widget_preview_${theme}`)}
		>
			<div class="preview-panel">
				<div class="preview-head" style={brand}>
					<strong class="cut" dir="auto">
						{texts.title || site.name}
					</strong>
				</div>
				<p class="preview-greeting">{texts.online || t("widget_preview_greeting")}</p>
				<p class="preview-own" style={brand}>
					{t("widget_preview_question")}
				</p>
			</div>
			<span class="preview-button" style={brand}>
				<Icon name="chat" size={18} />
			</span>
		</figure>
	);
}

/** Menu items for sound and desktop notifications. */
import type { MenuItem } from "../parts/Menu";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

export function useNoticeItems(): MenuItem[] {
	const { notices, toasts } = useStores();
	const t = useText();
	const { sound, desktop } = notices.choices.value;
	const chooseDesktop = async () => {
		const done = await notices.chooseDesktop(!desktop);
		if (!done) toasts.show({ text: t("notice_blocked"), danger: true });
	};
	return [
		{
			group: t("notices"),
			text: t("notice_sound"),
			checked: sound,
			toggle: true,
			act: () => notices.chooseSound(!sound),
		},
		{
			text: t("notice_desktop"),
			checked: desktop && notices.permission === "granted",
			toggle: true,
			disabled: notices.permission === null,
			act: () => void chooseDesktop(),
		},
	];
}

import { IconButton } from "../parts/Button";
import { useText } from "../texts/useText";

/** On narrow screens the panel is a drawer behind this button. */
export function PhoneBar({ open, toggle }: { open: boolean; toggle: () => void }) {
	const t = useText();
	return (
		<header class="phone-bar">
			<IconButton
				icon={open ? "close" : "menu"}
				size={20}
				label={open ? t("close_menu") : t("open_menu")}
				expanded={open}
				onClick={toggle}
			/>
			Palique
		</header>
	);
}

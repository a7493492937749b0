import "./Toasts.css";
import { Icon } from "@palique/ui/Icon";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { IconButton } from "./Button";

export function Toasts() {
	const { toasts } = useStores();
	const t = useText();
	const toast = toasts.toast.value;
	return (
		<div class="toasts" role="status">
			{toast ? (
				<div class={toast.danger ? "toast toast-danger" : "toast"}>
					<Icon name={toast.danger ? "warning" : "check"} size={18} />
					<span class="toast-text" dir="auto">
						{toast.text}
					</span>
					{toast.action ? (
						<button
							type="button"
							class="toast-action"
							onClick={() => {
								toast.action?.act();
								toasts.hide();
							}}
						>
							{toast.action.text}
						</button>
					) : null}
					<IconButton icon="close" size={16} label={t("close")} onClick={() => toasts.hide()} />
				</div>
			) : null}
		</div>
	);
}

import { Avatar } from "@palique/ui/Avatar";
import { useRef } from "preact/hooks";
import type { Me } from "../api/shapes";
import { Button } from "../parts/Button";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import type { Saving } from "./useSave";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
// The gateway's limits.
const MAX_BYTES = 256 * 1024;

/** Photo of the agent; without one, their initials. */
export function PhotoField({ me, saving }: { me: Me; saving: Saving }) {
	const t = useText();
	const change = usePhotoChange(saving);
	const picker = useRef<HTMLInputElement>(null);

	const take = (event: Event & { currentTarget: HTMLInputElement }) => {
		const file = event.currentTarget.files?.[0];
		// So that choosing the same file again fires a change event.
		event.currentTarget.value = "";
		if (file) change(file);
	};
	return (
		<div class="photo">
			<Avatar name={me.name} seed={me.agent} photo={me.photo} size={72} />
			<div class="photo-acts">
				<div class="settings-row">
					<Button busy={saving.busy} onClick={() => picker.current?.click()}>
						{t(me.photo ? "photo_change" : "photo_add")}
					</Button>
					{me.photo ? (
						<Button kind="quiet" busy={saving.busy} onClick={() => change(null)}>
							{t("photo_remove")}
						</Button>
					) : null}
				</div>
				<p class="muted small">{t("photo_hint")}</p>
			</div>
			<input
				ref={picker}
				type="file"
				class="visually-hidden"
				accept={TYPES.join(",")}
				aria-label={t("photo_add")}
				tabIndex={-1}
				onChange={take}
			/>
		</div>
	);
}

/** Returns a function that stores a photo, or removes it for `null`. It explains what the gateway would refuse. */
function usePhotoChange(saving: Saving): (photo: File | null) => void {
	const { session, toasts } = useStores();
	const t = useText();
	return (photo) => {
		const refused = photo && refusal(photo);
		if (refused) toasts.show({ text: t(refused), danger: true });
		else void saving.run(() => session.changePhoto(photo));
	};
}

function refusal({ type, size }: File): TextKey | null {
	if (!TYPES.includes(type)) return "photo_type";
	return size > MAX_BYTES ? "photo_size" : null;
}

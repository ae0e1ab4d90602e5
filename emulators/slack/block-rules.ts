import { z } from "zod";
import { isRecord } from "../kit/json.ts";
import { wrongArguments } from "./slack-error.ts";

/**
 * Block Kit's limits, in characters and pieces.
 * Source: https://docs.slack.dev/reference/block-kit/blocks and the descriptions in `@slack/types`.
 */
const BLOCK_LIMITS = {
  blocksInMessage: 50,
  blocksInView: 100,
  elements: 25,
  contextElements: 10,
  fields: 10,
  id: 255,
  sectionText: 3000,
  fieldText: 2000,
  headerText: 150,
  buttonText: 75,
  buttonValue: 2000,
  url: 3000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  viewTitle: 24,
  privateMetadata: 3000,
  labelText: 2000,
  placeholder: 150,
} as const;

function plainText(characters: number): typeof PlainText {
  return PlainText.check(({ value, issues }) => {
    if (value.text.length > characters) {
      issues.push({
        code: "custom",
        input: value,
        message: `must be less than ${characters + 1} characters`,
      });
    }
  });
}

function anyText(characters: number): typeof AnyText {
  return AnyText.check(({ value, issues }) => {
    if (value.text.length > characters) {
      issues.push({
        code: "custom",
        input: value,
        message: `must be less than ${characters + 1} characters`,
      });
    }
  });
}

const PlainText = z.strictObject({
  type: z.literal("plain_text"),
  text: z.string().min(1),
  emoji: z.boolean().optional(),
});

const AnyText = z.discriminatedUnion("type", [
  PlainText,
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1),
    verbatim: z.boolean().optional(),
  }),
]);

/** A text object: plain, or with Slack's marks. */
export type TextObject = z.infer<typeof AnyText>;

const Id = z.string().min(1).max(BLOCK_LIMITS.id);

const Confirm = z.strictObject({
  title: plainText(BLOCK_LIMITS.confirmTitle),
  text: anyText(BLOCK_LIMITS.confirmText),
  confirm: plainText(BLOCK_LIMITS.confirmButton),
  deny: plainText(BLOCK_LIMITS.confirmButton),
  style: z.enum(["primary", "danger"]).optional(),
});

const Button = z.strictObject({
  type: z.literal("button"),
  action_id: Id.optional(),
  text: plainText(BLOCK_LIMITS.buttonText),
  value: z.string().max(BLOCK_LIMITS.buttonValue).optional(),
  url: z.string().max(BLOCK_LIMITS.url).optional(),
  style: z.enum(["primary", "danger"]).optional(),
  confirm: Confirm.optional(),
  accessibility_label: z.string().max(BLOCK_LIMITS.buttonText).optional(),
});

/** A button of a message. */
export type Button = z.infer<typeof Button>;

const TextInput = z.strictObject({
  type: z.literal("plain_text_input"),
  action_id: Id.optional(),
  multiline: z.boolean().optional(),
  initial_value: z.string().optional(),
  min_length: z.int().min(0).max(BLOCK_LIMITS.sectionText).optional(),
  max_length: z.int().min(1).max(BLOCK_LIMITS.sectionText).optional(),
  placeholder: plainText(BLOCK_LIMITS.placeholder).optional(),
  focus_on_load: z.boolean().optional(),
});

const block_id = Id.optional();

const MESSAGE_BLOCKS = [
  z.strictObject({ type: z.literal("header"), block_id, text: plainText(BLOCK_LIMITS.headerText) }),
  z
    .strictObject({
      type: z.literal("section"),
      block_id,
      text: anyText(BLOCK_LIMITS.sectionText).optional(),
      fields: z.array(anyText(BLOCK_LIMITS.fieldText)).min(1).max(BLOCK_LIMITS.fields).optional(),
      accessory: Button.optional(),
      expand: z.boolean().optional(),
    })
    .refine(
      ({ text, fields }) => text !== undefined || fields !== undefined,
      "missing text or fields",
    ),
  z.strictObject({
    type: z.literal("context"),
    block_id,
    elements: z.array(AnyText).min(1).max(BLOCK_LIMITS.contextElements),
  }),
  z.strictObject({
    type: z.literal("actions"),
    block_id,
    elements: z.array(Button).min(1).max(BLOCK_LIMITS.elements),
  }),
  z.strictObject({ type: z.literal("divider"), block_id }),
] as const;

const InputBlock = z.strictObject({
  type: z.literal("input"),
  block_id,
  label: plainText(BLOCK_LIMITS.labelText),
  hint: plainText(BLOCK_LIMITS.labelText).optional(),
  optional: z.boolean().optional(),
  element: TextInput,
});

const MessageBlock = z.discriminatedUnion("type", [...MESSAGE_BLOCKS]);
const ViewBlock = z.discriminatedUnion("type", [...MESSAGE_BLOCKS, InputBlock]);

/** A block of a message. */
export type Block = z.infer<typeof MessageBlock>;

/** A block of a view, where fields may stand as well. */
export type ViewBlock = z.infer<typeof ViewBlock>;

const Modal = z.strictObject({
  type: z.literal("modal"),
  title: plainText(BLOCK_LIMITS.viewTitle),
  submit: plainText(BLOCK_LIMITS.viewTitle).optional(),
  close: plainText(BLOCK_LIMITS.viewTitle).optional(),
  blocks: z.array(ViewBlock).max(BLOCK_LIMITS.blocksInView),
  private_metadata: z.string().max(BLOCK_LIMITS.privateMetadata).optional(),
  callback_id: z.string().max(BLOCK_LIMITS.id).optional(),
  external_id: z.string().max(BLOCK_LIMITS.id).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
});

/** A modal. */
export type ModalView = z.infer<typeof Modal>;

const Metadata = z.strictObject({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
});

/** What an app may keep with a message. */
export type Metadata = z.infer<typeof Metadata>;

/** The types of blocks that Slack has and this emulator does not. */
const MISSING =
  /^(?:image|video|file|rich_text|markdown|table|alert|card|carousel|container|plan|task_card|data_table|context_actions)$/;

/** Reads the blocks of a message. @throws SlackError invalid_blocks, which says what is wrong with which. */
export function readBlocks(value: unknown): readonly Block[] {
  const blocks = withIds(
    parse(z.array(MessageBlock).max(BLOCK_LIMITS.blocksInMessage), value, "invalid_blocks"),
  );
  checkIds(blocks, "invalid_blocks");
  return blocks;
}

/** Reads a modal. @throws SlackError invalid_arguments */
export function readModal(value: unknown): ModalView {
  const view = parse(Modal, value, "invalid_arguments");
  const blocks = withIds(view.blocks);
  checkIds(blocks, "invalid_arguments");
  if (view.submit === undefined && blocks.some(({ type }) => type === "input")) {
    throw wrongArguments("invalid_arguments", [
      "missing required field: submit [json-pointer:/view]",
    ]);
  }
  return { ...view, blocks: [...blocks] };
}

/** Reads what is kept with a message. @throws SlackError invalid_metadata_format */
export function readMetadata(value: unknown): Metadata {
  return parse(Metadata, value, "invalid_metadata_format");
}

function parse<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  throw wrongArguments(
    code,
    parsed.error.issues.map(
      ({ message, path }) => `${message} [json-pointer:/${path.join("/")}]${missing(value, path)}`,
    ),
  );
}

/** Says so where a block is one that Slack would take. */
function missing(value: unknown, path: readonly PropertyKey[]): string {
  const block = path.reduce<unknown>(
    (inner, key) => (Array.isArray(inner) ? inner[Number(key)] : inner),
    value,
  );
  return isRecord(block) && MISSING.test(String(block["type"]))
    ? ` (this emulator has no blocks of the type ${String(block["type"])})`
    : "";
}

/** Blocks and elements without an id of their own get one, as in Slack. */
function withIds<T extends ViewBlock>(blocks: readonly T[]): readonly T[] {
  return blocks.map((block, index) => {
    const id = block.block_id ?? `b${index + 1}`;
    if (block.type === "actions") {
      const elements = block.elements.map((element, place) =>
        named(element, `a${index + 1}-${place + 1}`),
      );
      return { ...block, block_id: id, elements };
    }
    if (block.type === "input") {
      return { ...block, block_id: id, element: named(block.element, `a${index + 1}`) };
    }
    return block.type === "section" && block.accessory !== undefined
      ? { ...block, block_id: id, accessory: named(block.accessory, `a${index + 1}`) }
      : { ...block, block_id: id };
  });
}

function named<T extends { readonly action_id?: string | undefined }>(element: T, id: string): T {
  return { ...element, action_id: element.action_id ?? id };
}

function checkIds(blocks: readonly ViewBlock[], code: string): void {
  const ids = blocks.map((block) => block.block_id ?? "");
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw wrongArguments(code, [`\`block_id\` ${twice} already exists`]);
  }
  for (const block of blocks) {
    const actions = buttonsOf(block).map(({ action_id }) => action_id ?? "");
    const same = actions.find((id, index) => actions.indexOf(id) !== index);
    if (same !== undefined) {
      throw wrongArguments(code, [`\`action_id\` ${same} already exists`]);
    }
  }
}

/** The buttons of a block. */
export function buttonsOf(block: ViewBlock): readonly Button[] {
  if (block.type === "actions") {
    return block.elements;
  }
  return block.type === "section" && block.accessory !== undefined ? [block.accessory] : [];
}

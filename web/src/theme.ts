import {
  Badge,
  Button,
  createTheme,
  type MantineColorsTuple,
  Modal,
  NumberInput,
  Select,
  Tabs,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** The one accent colour. */
const accent: MantineColorsTuple = [
  '#eef2ff',
  '#dce4fb',
  '#b6c6f3',
  '#8da6ec',
  '#6a8ae6',
  '#4f74e0',
  '#3b5bdb',
  '#304cc0',
  '#2742a8',
  '#1c3590',
];

/** Mantine's surfaces in the dark scheme, from text to the deepest ground; they match the variables of styles.css. */
const dark: MantineColorsTuple = [
  '#e6e9ef',
  '#c3cad6',
  '#a3adbd',
  '#8e98a9',
  '#3c4453',
  '#2a303b',
  '#1e232c',
  '#14171d',
  '#101318',
  '#0b0d11',
];

const dense = { defaultProps: { size: 'xs' } };

/** Mantine's theme: dense, one accent, tabular figures (see styles.css for the rest). */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  colors: { accent, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Badge: Badge.extend(dense),
    Button: Button.extend(dense),
    TextInput: TextInput.extend(dense),
    Textarea: dense,
    PasswordInput: dense,
    FileInput: dense,
    MultiSelect: dense,
    SegmentedControl: dense,
    NumberInput: NumberInput.extend({ defaultProps: { size: 'xs', hideControls: true } }),
    Select: Select.extend({ defaultProps: { size: 'xs', comboboxProps: { shadow: 'md' } } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Modal: Modal.extend({ defaultProps: { centered: true, radius: 'md', padding: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true, fz: 'xs' } }),
  },
});

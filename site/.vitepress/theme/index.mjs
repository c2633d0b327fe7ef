import { useRoute } from 'vitepress';
import theme from 'vitepress/theme-without-fonts';
import { nextTick, onMounted, watch } from 'vue';
import './style.css';

export default {
  extends: theme,
  setup() {
    // The home page of VitePress has no main landmark.
    const route = useRoute();
    const mark = () => document.querySelector('#VPContent.is-home')?.setAttribute('role', 'main');
    onMounted(mark);
    watch(
      () => route.path,
      () => nextTick(mark),
    );
  },
};
